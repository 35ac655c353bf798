"""Lowered code and the direct evaluator agree: on a table of programs, and on generated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.lowering.agreement import Agreement, TooSlow, comparable, is_endless, time_limit
from tests.lowering.programs import programs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def agreement() -> Iterator[Agreement]:
    made = Agreement()
    yield made
    made.session.close()


CASES = """
a={1,2,3};Do[a[[i]]+=a[[i-1]],{i,2,3}];b=a;Do[a[[i]]++,{i,3}];Do[a[[2]]*=x,{2}];Do[a[[-1]]-=1/2;--a[[1]],{2}];{a,b}
a={{1,2},{3,4}};Do[a[[i,j]]+=10 i,{i,2},{j,2}];a;Do[a[[7]]+=1;a[[1]]+=Sequence[1,2];zz[[1]]+=1,{1}];a
f[n_]:=Module[{a=Range[n],i=1},While[i<n,a[[i+1]]+=a[[i]];i++];a];{f[5],f[1]};f[l_]:=Module[{a=l,k=1},a[[k]]+=(k=2;5);{a,k}];f[{1,1}]
h=<|"a"->1|>;Do[h[["a"]]+=i,{i,3}];h;k="a";Do[h[[k]]+=i,{i,3}];h
l=Table[{i,i^2},{i,20}];Total[#1+#2&@@@l];Take[Plus@@@l,3];Take[Apply[#2-#1&,l,{1}],3];Take[g@@@l,2];Take[List@@@l,2];Hold[l]
l=Table[{i,x},{i,20}];Take[#1+#2&@@@l,2];Take[Subtract@@@l,2];x=3;Take[#1+#2&@@@l,2];Take[Times@@@Table[{1,2,i},{i,20}],2]
l=Table[{Range[3],i},{i,20}];Take[Plus@@@l,2];Take[#1.#1&@@@l,1];Take[If@@@Table[{i>3,a,b},{i,20}],4];Take[{##}&@@@l,1]
l=Range[400];Total[Cases[l,x_/;x>300:>x^2]];Cases[l,x_/;x>398:>{x,y}];Length[Cases[l,x_Integer:>Sequence[x,x]]]
l=Table[{i,i^2},{i,400}];Total[Cases[l,{x_,y_}:>x+y]];Take[Cases[l,{x_,y_}/;x>y-3->y],2];Cases[l,{a_,4}:>q a]
l=Join[Range[300],{a,b,1.5,"s",f[1]}];Take[Cases[l,x:Except[_Integer]:>{x}],5];Cases[l,f[x_]:>x];Cases[l,x_Symbol:>x,1,1]
l=Range[400];Tally[Replace[l,{x_/;x>200:>1,_->0},{1}]]
l=Range[400];Take[Replace[l,{1->one,x_?EvenQ:>x/2},{1}],6];Replace[l,{5->y},{1}][[5]]
n=0;l=Range[400];Length[Cases[l,x_/;x>n:>(n=x+1;x)]]
l=Join[Range[400],{a+b+c,a}];Cases[l,a+b->z];Cases[l,a->z];Cases[l,x_+y_:>{x,y}]
l=Range[400];f[x_]:=x+1;Total[Cases[l,x_:>f[x]]];f[x_]:=x;Total[Cases[l,x_:>f[x]]]
f=#k+1&;{f[<|"k"->2|>],f[<|"k"->2|>],f[<|"j"->2|>],f[3],f[<|"k"->x|>],f[<|"k":>1+1|>],f[<|"k"->Sequence[1,2]|>],f[<|k->3|>],f[y]}
f={#a,#b,#a,##2,#2}&;{f[<|"a"->1,"b"->2|>,3],f[<|"a"->1,"b"->2|>,3,4],f[<|"a"->1|>,3],f[<|"a"->1,"b"->y|>,y]}
f=If[#a>1,#b,Hold[#a]]&;r=<|"a"->2|>;{f[r],f[r],f[<|"a"->0|>],f[<|"a"->5,"b"->q|>],q=3,f[<|"a"->5,"b"->q|>]}
f=(#k=5)&;{f[<|"k"->z|>],f[<|"k"->z|>],z}
Map[#k&,{<|"k"->1|>,<|"k"->{1,x}|>,<||>,5}]
Select[{<|"k"->1|>,<|"k"->5|>,<|"j"->5|>},#k>2&]
f=Function[{a},a+#k&];g=f[3];{g[<|"k"->1|>],g[<|"k"->1|>]}
a={1,2,3};b=a;a[[2]]=x;{a,b}
a={1,2,3};Do[a[[i]]=i^2,{i,3}];b=a;a[[1]]=5;{a,b,Length[a],Total[a]}
a={{1,2},{3,4}};b=a[[1]];a[[1,2]]=7;c=a;a[[2,1]]=a[[1]];a[[1,1]]=0;{a,b,c}
m=ConstantArray[0,{3,3}];m[[1,1]]=1;m[[2,2]]=m[[1]];m[[1,2]]=5;m
f[n_]:=Module[{a=Range[n],b},b=a;Do[a[[i]]=a[[-i]],{i,n}];{a,b}];{f[5],f[1]}
f[l_]:=Module[{a=l},a[[1]]=a;a];{f[{1,2}],f[{{1},2}]}
f[l_]:=Module[{a=l},a[[1]]=99;{a,l}];v={1,2,3};{f[v],v}
a={1,2,3};{a,a[[1]]=5,a,a[[2]]=a,a}
a={1,2};a[[3]]=1;a[[0]]=g;a
a={1,2,3};a[[1]]=Nothing;a[[2]]=Sequence[8,9];a
a={1,2,3};a[[All]]=0;a[[1;;2]]={7,8};a[[-1]]=y;y=4;a
a={1,y,3};a[[1]]=2;y=7;{a,a[[2]]=y,a}
a={};Do[AppendTo[a,i],{i,5}];b=a;AppendTo[a,x];{a,b,Length[a],a[[-1]]}
a={1};AppendTo[a,Nothing];AppendTo[a,Sequence[2,3]];AppendTo[a,a];a
f[]:=Module[{r={}},Do[AppendTo[r,{i,r}],{i,3}];r];{f[],f[]}
a=g[1];AppendTo[a,2];AppendTo[zz,1];a
h=<||>;Do[h[i]=i^2,{i,4}];k=h;h[2]=x;h["a"]=y;x=9;{h,k,Length[h],h[2],h[7]}
h=<|1->{1,2}|>;k=h;h[1]=h;h[y]=1;y=1;{h,k}
h=<|"a"->1|>;h[["a"]]=2;h[["b"]]=3;f[]:=Module[{q=h},q["a"]=5;{q,h}];f[]
f[v_,i_]:=v[[i]];{f[{1,x},2],f[{1},3],f[g[1],1],f[<|"a"->1|>,"a"],f[{1,2},-1],f[5,1],f[{1,2},0],f[{1,2,3},{1,3}],f[{1,2,3},2;;3]}
f[v_,i_,j_]:=v[[i,j]];{f[{{1,x}},1,2],f[{{1}},1,3],f[{1},1,1],f[{{1,2},{3,4}},All,1],f[{{1,2}},-1,-1]}
f[v_]:=v[[1]];{f[{y}],y=3,f[{y}]};x=Sequence[1,1];{{1,2}}[[x]]
f[x_]:=1<x<5;{f[2],f[1],f[7],f[y],f[2.5],f[I],f[1/2],f[{1}],f["a"]}
f[x_]:=1<x<=y;{f[2],f[0],y=3;f[2],f[3],f[4],f[I]}
f[x_,y_,z_]:=x<y<z;{f[1,2,3],f[2,1,I],f[2,1,q],f[1,q,0],f[q,2,1],f[1,2,I],f[1,2,2]}
f[x_,y_,z_]:=x<=y<z;{f[1,1,3],f[2,1,I],f[2,1,q],f[1,q,0],f[q,2,1],f[1,2,I],f[1,2,2]}
f[x_,y_,z_]:=x==y<z!=1;{f[1,1,3],f[2,1,I],f[1,1.,2],f[q,q,1],f[1,2,I]}
SetAttributes[f,HoldAll];f[x_]:=1<x<4;n=0;{f[n++;2],n,f[n++;7],n}
i=0;{1<(i++;2)<(i++;3)<5,i,1<(i++;0)<=(i++;3),i}
Map[0<#<=2&,{1,2,3,0.5,y,I}]
Map[#^2&,{1,2.5,1/2,x,I,{1,2}}]
x=1;While[0<x<5,x++];x
s=0;Do[If[2<=i<4,s+=i],{i,6}];s
1+2 x+3 x; x=5; x+y
i=0;s=0;While[i<10,s+=i;i++];{i,s}
s=0;Do[s+=i,{i,10}];{i,s}
s=0;Do[If[i>3,Break[]];s+=i,{i,10}];s
s=0;Do[If[i<3,Continue[]];s+=i,{i,5}];s
For[i=0;t={},i<4,i++,If[i==2,Continue[]];t={t,i}];t
f[x_]:=x^2;f[3]+f[y]
f[x_]:=Module[{t=x},t+=1;t^2];{f[1],f[2],f[y]}
f[x_]:=Module[{t},t];g=f[1];Head[g]
f[x_]:=If[x>2,Return[big],0;small];{f[1],f[5],f[q]}
f[x_]:=(If[x>2,Return[big]];small);{f[1],f[5],f[q]}
f[x_,y_:7]:={x,y};{f[1],f[1,2],f[1,2,3]}
f[x__]:={x};{f[1],f[1,2],f[]}
f[x___,z_]:=g[z,x];{f[1],f[1,2],f[]}
f[{a_,b_}]:=a+b;{f[{1,2}],f[{1}],f[{x,y}]}
f[x_Integer]:=int;f[x_Real]:=real;f[x_String]:=str;f[x_Symbol]:=sym;f[_g]:=gg;{f[1],f[1.5],f["a"],f[q],f[g[1]],f[1/2]}
f[x_,x_]:=same;f[x_,y_]:=diff;{f[1,1],f[1,2],f[a,a],f[{1},{1}],f[1,1.]}
f[x_?EvenQ]:=even;f[x_]:=odd;{f[2],f[3],f[y]}
f[x_/;x>3]:=big;f[x_]:=small;{f[2],f[4],f[y]}
f[x_]:=big/;x>3;f[x_]:=small;{f[2],f[4],f[y]}
f[n_]:=f[n]=f[n-1]+f[n-2];f[0]=0;f[1]=1;f[30];f[31]
f[0]=1;f[n_]:=n f[n-1];{f[5],f[20]}
f[x_]:=y;y=3;f[1];y=4;f[1]
y=x;x=2;y
f[x_]:=(y=5;x);f[y]
{y,y=3,y}
f[x_]:=g[x];g[x_]:=x+1;{f[1],g[x_]:=x+2;f[1]}
f[x_]:=g[x];{f[1],f[2]};g[x_]:=x+1;{f[1],SetAttributes[g,HoldAll];g[x_]:=Hold[x];f[1+1]}
f[x_]:=Hold[x,1+1];f[2+3]
(#+1&)[3]
Map[#^2&,{1,2,x}]
Map[Function[x,x+1],{1,2,y}]
f[y_]:=Map[#+y&,{1,2,3}];{f[1],f[2],f[z]}
c=Module[{n=0},n++&];{c[],c[],c[]}
c=Module[{n=0},Function[x,n+=x]];{c[1],c[2],c[3]}
Block[{x=3},x+y]
x=1;f[]:=x;g[]:=Block[{x=2},f[]];{g[],f[]}
f[x_]:=x+1;g[]:=Block[{f},f[2]];{f[1],g[],f[1]}
Which[x>1,a,True,b]
x=2;Which[x>3,a,x>1,b,True,c]
f[x_]:=Which[x>3,a,x>1,b,True,c];{f[5],f[2],f[0],f[y]}
f[x_]:=Switch[x,1,one,_Integer,int,"a",str,_,other];{f[1],f[2],f["a"],f[q]}
f[x_]:=Switch[x,1,one,2,two];{f[1],f[3]}
f[x_]:=x>1&&x<5;{f[2],f[6],f[0],f[y]}
f[x_]:=x>1||x<-5;{f[2],f[-6],f[0],f[y]}
f[x_]:=!x;{f[True],f[False],f[y]}
If[a<b,1,2]; If[a<b,1,2,3]
f[x_]:=If[x,1,2];{f[True],f[False],f[u],f[3]}
f[x_,y_]:=If[x<y,x,y];{f[1,2],f[a,b],f[1.5,1]}
With[{x=1+1},Hold[x]]
f[x_]:=With[{y=x^2},y+Hold[y]];{f[2],f[q]}
f[g_,x_]:=g[g[x]];{f[h,1],f[#+1&,1],f[Hold,1+1]}
SetAttributes[f,HoldAll];f[x_]:=Hold[x];f[1+1]
SetAttributes[f,HoldFirst];f[x_,y_]:={Hold[x],y,x};f[1+1,2+2]
SetAttributes[f,Listable];f[x_]:=g[x];{f[{1,2}],f[3]}
g[x_]:=f[x];SetAttributes[f,Listable];f[x_]:=x+1;{g[{1,2}],g[3]}
f[x_]:=Sequence[x,x];g[a___]:=Length[{a}];{g[f[1]],f[1]+5,{f[2],3}}
h[x_]:=g[f[x]];f[x_]:=Sequence[x,x];g[a_,b_]:=two;g[a_]:=one;h[1]
f[n_,a_]:=f[n-1,a+n];f[0,a_]:=a;{f[100,0],f[3,q]}
f/:g[f[x_]]:=x;h[y_]:=g[y];{h[f[3]],h[4]}
q/:q[x_]+q[y_]:=q[x+y];f[a_,b_]:=a+b;f[q[1],q[2]]
f[x_]:=x*1.5;{f[2],f[0],f[1.5],f[y]}
f[x_]:=x*x;{f[1.*^200],f[10],f[y]}
f[x_,y_]:=x<y;{f[0.1+0.2,0.3],f[1,2.5],f[Pi,4],f[I,2]}
f[x_]:=x/3;{f[2],f[5.],f[y],f[6]}
1/0
f[x_]:=1/x;f[0]
x=3;x++;++x;x+=2;x-=1;x*=3;x
x++
f[x_]:=x++;f[3]
f[x_]:=(x=5);f[3]
a=b;b=a;1
f[a_+b_]:={a,b};{f[x+y],f[x+y+z],f[x]}
f[a_ b_]:={a,b};{f[2 x],f[2 x y],f[x]}
f[a_^n_]:={a,n};{f[x^2],f[Sqrt[x]],f[1/x],f[x]}
f[a_+b_]:={a,b}/;FreeQ[b,x];f[x+y]
f[Hold[x_]]:=x;f[Hold[1+1]]
f[h_[x_]]:={h,x};{f[g[1]],f[Hold[1+1]],f[{1}]}
f[x:{_,_}]:=x;{f[{1,2}],f[{1}]}
f[x_|x_g]:=x;{f[1],f[g[2]]}
f[1|2]:=yes;f[_]:=no;{f[1],f[2],f[3]}
f[x_]:=Catch[Throw[x];1];f[3]
Catch[Do[If[i>3,Throw[i]],{i,10}]]
f[x_]:=While[True,If[x>2,Return[x]];Break[]];{f[3],f[1]}
f[x_]:=(Do[If[i>2,Return[i]],{i,10}];done);f[1]
f[x_]:=Module[{i=0},While[i<x,i++;If[i==3,Return[i,Module]]];z];{f[2],f[5]}
f[]:=Break[];s=0;While[s<10,s++;If[s==4,f[]]];s
Do[x=i;y=Do[If[j==2,Break[]],{j,3}],{i,2}];{x,y}
f[n_Integer]:=Module[{s=0,i},For[i=1,i<=n,i++,s+=i^2];s];{f[10],f[x]}
f[l_]:=Module[{s=0},Do[s+=l[[i]],{i,Length[l]}];s];{f[{1,2,3}],f[{a,b}]}
f[x_]:=Module[{y=x},If[y>2,y=10];y];{f[1],f[3],f[q]}
Module[{x=1},If[u,x,2]]
Module[{x=1},r=If[u,x=5,0];u=True;r;x]
f[x_]:=Module[{a=1,b=2},{a,b}={b,a};{a,b,x}];f[3]
f[x_]:=Module[{a},a[1]=x;a[2]=2;a[1]+a[2]];{f[5],f[q]}
f[x_]:=Module[{g},g[t_]:=t+x;g[1]];{f[5],f[q]}
f[s_]:=Module[{t=s},Do[t=t^2+1,{3}];t];{f[1],f[x]}
SetAttributes[inc,HoldFirst];inc[s_]:=s=s+1;f[n_]:=Module[{x=n},inc[x];x];{f[5],f[5],f[y]}
f[n_]:=Module[{x=n},{x++,1};ReleaseHold[Hold[x++]];x];{f[7],f[7],f[q]}
Do[Do[x=i+j,{j,2}],{i,2}];x
Table[i^2,{i,4}]
Table[i+j,{i,2},{j,2}]
f[n_]:=Table[k n,{k,3}];{f[2],f[x]}
f[]:=i;Table[f[],{i,3}]
Table[If[i==2,Nothing,i],{i,3}]
Table[x,{3}]
Table[i,{i,3,1}];Table[i,{i,5,1,-2}]
Table[i,{i,{a,b}}]
Table[i,{i,1.5,3}]
f[x_]:=x[[1]];f[{1,2}]
a<b<c
1<2<3
f[x_,y_]:=x===y;{f[1,1],f[1,1.],f[a,a],f[{x},{x}]}
f[x_,y_]:=x==y;{f[1,1],f[1,1.],f[a,a],f[a,b],f["x","x"],f[{1},{1}]}
f[x_]:=-x;{f[1],f[y],f[1.5],f[a+b]}
f[x_]:=x-1-2 x;{f[1],f[y],f[1.5]}
f[x_]:=x^2-x^3;{f[3],f[y],f[1.5],f[1/2]}
f[x_]:=2^x;{f[10],f[-1],f[1/2],f[y]}
f[]:=(g[x_]:=x+1;g[2]);{f[],f[]}
f[x_]:=(g[y_]:=x+y;g[2]);{f[1],f[5],g[1]}
f[x_][y_]:=x+y;{f[1][2],f[a][b]}
f[x_]:=g[x][2];g[x_][y_]:=x y;{f[3],f[q]}
f[n_]:=Which[n<=0,0,EvenQ[n],1+f[n/2],True,1+f[n-1]];{f[100],f[7]}
f[x_]:=(x;);f[1]
f[x_]:=Module[{t=0},t++;t++;++t;{t--,t}];f[1]
f[]:=x;x=y;y=2;{f[],y=3;f[]}
x:=y+1;y=1;f[]:=x;{f[],y=5;f[]}
x=1;f[z_]:=(x=z;x+1);{f[2],x}
f[x_]:=If[x===a,1,If[x===b,2,If[x===c,3,4]]];{f[a],f[b],f[c],f[d]}
f[x_]:=TrueQ[x>2];{f[1],f[3],f[a]}
f[x_]:=Module[{r={}},Do[r=Append[r,i],{i,x}];r];{f[3]}
f[x_List]:=Length[x];f[x_]:=0;{f[{1,2}],f[1]}
f[p_]:=p/.a->b;{f[a+1],f[{a,a}]}
f[x_]:=x/.{y_->y+1};f[2->3]
f[x_Integer,y_Integer]:=x+y;f[x_,y_]:={x,y};{f[1,2],f[1,z]}
e[0]=True;o[0]=False;e[n_]:=o[n-1];o[n_]:=e[n-1];{e[10],e[7]}
ack[0,n_]:=n+1;ack[m_,0]:=ack[m-1,1];ack[m_,n_]:=ack[m-1,ack[m,n-1]];ack[2,3]
f[x_,opts___]:={x,opts};{f[1],f[1,a->2]}
f[x_. y_]:={x,y};f[3 z]
f[a_:1]:=a;{f[],f[2]}
f[{x__}]:=g[x];f[{1,2,3}]
f[{x_,y___}]:={x,{y}};{f[{1}],f[{1,2,3}]}
f[x_,y_]:=x+y;f@@{1,2}
""".strip().splitlines()


@pytest.mark.parametrize("line", CASES)
def test_a_program_gives_the_same_in_both_ways(agreement: Agreement, line: str) -> None:
    direct = agreement.direct([line, line])
    assert comparable(agreement.lowered([line, line])) == comparable(direct)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=programs())
def test_generated_programs_give_the_same_in_both_ways(agreement: Agreement, lines: list[str]) -> None:
    assume(agreement.is_readable(lines))
    try:
        with time_limit(1):
            direct = agreement.direct(lines)
    except TooSlow:
        return
    assume(not is_endless(direct))
    with time_limit(20):
        lowered = agreement.lowered(lines)
    assert comparable(lowered) == comparable(direct)
